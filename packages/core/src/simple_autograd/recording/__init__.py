"""Recording a training step once, to replay it as a straight program.

While a step is recorded, the arrays in it are `RecordedArray`: each stands for a raw array, and what is done with it is
done with that and noted (``arrays.py``, ``backend.py``). So nothing is missed that Variables, the rules of a backward
pass, or the step's own code do with arrays, and what cannot be repeated raises. What is noted becomes a Python function
of calls on raw arrays, without Variables and without a tape (``program.py``). A step is recorded twice, and replayed
only if both times it did the same (``step.py``). ``simple_autograd.graph`` is the way in.
"""
