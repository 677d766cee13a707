"""Learn to draw digits: a variational autoencoder on MNIST (Kingma and Welling, 2014).

    python examples/vae.py --steps 6000

leaves in runs/vae/ the picture digits.png: test images, what the decoder makes of their codes, and digits drawn from
nothing but noise. The test loss ends at 105 nats per image. It needs simple_autograd with
nn and datasets, and matplotlib and tqdm.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from command_line import at_least, explained, parser, run
from matplotlib.figure import Figure
from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn
from simple_autograd.datasets import MNIST, DataLoader, standard_transform

PIXELS = 784
ROW = 12  # digits in a row of the picture


class VAE(nn.Module):
    """An image's code is normally distributed: the encoder gives mean and log variance, the decoder logits of pixels.

    Parameters
    ----------
    width
        The features of the one hidden layer of each.
    code
        The numbers that an image is described by.
    """

    def __init__(self, width: int = 400, code: int = 16) -> None:
        super().__init__()
        self.code = code
        self.encoder = nn.Sequential(
            *(nn.Flatten(), nn.Linear(PIXELS, width), nn.ReLU()), nn.Linear(width, 2 * code)
        )
        self.decoder = nn.Sequential(nn.Linear(code, width), nn.ReLU(), nn.Linear(width, PIXELS))

    def forward(self, images: sa.Variable) -> tuple[sa.Variable, sa.Variable, sa.Variable]:
        """Give the logits, (N, 784), of codes drawn for images, (N, 1, 28, 28); the codes' means and log variances."""
        coded = self.encoder(images)
        mean, log_variance = coded[:, : self.code], coded[:, self.code :]
        # The noise comes from outside, so that the draw has a gradient in mean and variance.
        noise = sa.default_generator().normal(mean.shape)
        return self.decoder(mean + sa.exp(log_variance / 2) * noise), mean, log_variance


def loss_of(model: VAE, images: sa.Variable) -> sa.Variable:
    """Give a bound on the images' -log p in nats, per image: of pixels given codes, and of codes against the prior."""
    logits, mean, log_variance = model(images)
    pixels = nn.functional.binary_cross_entropy_with_logits(
        logits, images.reshape(-1, PIXELS), reduction="sum"
    )
    divergence = (sa.exp(log_variance) + mean**2 - 1 - log_variance).sum() / 2
    return (pixels + divergence) / len(images)


def forever(loader: DataLoader) -> Iterator[sa.Variable]:
    """Give the loader's images, epoch after epoch."""
    while True:
        for images, _ in loader:
            yield sa.asarray(images)


def main() -> None:
    args = parse_arguments()
    folder = args.out / "vae"
    with explained():
        sa.set_backend(args.backend)
        folder.mkdir(parents=True, exist_ok=True)
    sa.manual_seed(args.seed)

    data = MNIST(train=True, transform=standard_transform)
    train = forever(DataLoader(data, batch_size=128, shuffle=True, seed=args.seed, drop_last=True))
    test = DataLoader(MNIST(train=False, transform=standard_transform), batch_size=1000)
    model = VAE()
    optimizer = nn.optim.Adam(model.parameters(), lr=1e-3)
    print(f"{nn.count_parameters(model):,} parameters on backend {args.backend!r}")

    for step in (bar := tqdm(range(1, args.steps + 1), "vae", leave=False, mininterval=0.2)):
        optimizer.zero_grad()
        loss = loss_of(model, next(train))
        loss.backward()
        optimizer.step()
        bar.set_postfix_str(f"loss {loss.item():.1f}", refresh=False)
        if step % 1000 == 0 or step == args.steps:
            with sa.no_grad():
                losses = [loss_of(model, sa.asarray(images)).item() for images, _ in test]
            bar.write(f"step {step:5d}: test loss {sum(losses) / len(losses):.2f} nats")
    draw(model, sa.asarray(next(iter(test))[0]), folder / "digits.png")


def draw(model: VAE, images: sa.Variable, path: Path) -> None:
    """Draw test images over their reconstructions, and samples."""
    images = images[:ROW]
    with sa.no_grad():
        again = sa.sigmoid(model.decoder(model.encoder(images)[:, : model.code]))
        drawn = sa.sigmoid(model.decoder(sa.default_generator().normal((5 * ROW, model.code))))
    figure = Figure(figsize=(8, 5.2), layout="constrained")
    rows = figure.subplots(3, 1, height_ratios=(1, 1, 5))
    titles = ("Test images", "Their reconstructions", "Samples")
    for axes, digits, title in zip(rows, (images, again, drawn), titles, strict=True):
        sheet = digits.reshape(-1, ROW, 28, 28).permute(0, 2, 1, 3).reshape(-1, ROW * 28)
        axes.imshow(sheet.tolist(), cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    figure.savefig(path, dpi=120)
    print(f"digits drawn to {path}")


def parse_arguments() -> argparse.Namespace:
    arguments = parser(__doc__)
    arguments.add_argument("--steps", type=at_least(1), default=6000)
    return arguments.parse_args()


if __name__ == "__main__":
    run(main)
