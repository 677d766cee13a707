"""The tests of all four packages, in folders that mirror them.

A package by name, so that what tests share is imported as ``tests.<module>`` whatever else is installed.
"""
