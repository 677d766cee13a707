"""A user's program as the type checker sees it; ``nox -s typing`` reads it, nothing runs it."""

from typing import assert_type

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.backends import Backend, get_backend
from simple_autograd.datasets import MNIST, DataLoader

v = Variable(np.ones((3, 4)))
assert_type(v * 2, Variable)
assert_type(2 * v, Variable)
assert_type(-v, Variable)
assert_type(v @ v.t(), Variable)
assert_type(v[0, ..., None], Variable)
assert_type(v.mean((0, -1), keepdim=True), Variable)
assert_type(v.detach(), Variable)
assert_type(v.shape, tuple[int, ...])
assert_type(v.requires_grad, bool)
v.sum().backward(create_graph=True)

assert_type(get_backend(), Backend)
sa.set_backend("numpy")
with sa.no_grad():
    v.zero_grad()

model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for images, labels in DataLoader(MNIST(train=False), batch_size=64):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
