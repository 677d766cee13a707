"""Teach a small transformer to write like this repository's Python, character by character.

    python examples/language_model.py --steps 2500

reads the packages' source code, prints a sample of what it learned to write, and leaves in runs/language-model/ that
sample and the picture curves.png. It needs simple_autograd with nn, and matplotlib and tqdm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from command_line import at_least, explained, parser, run
from matplotlib.figure import Figure
from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn

ROOT = Path(__file__).parents[1]
CONTEXT = 64  # how many characters the model sees
BATCH = 16
TEMPERATURE = 0.7  # below 1: the likelier characters are written even more often
BETWEEN = "\n\n\n"  # what is between two functions or classes


class LanguageModel(nn.Module):
    """Characters and their places as vectors; blocks of attention, each seeing only what is before; logits."""

    def __init__(self, characters: int, width: int = 64, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.character = nn.Embedding(characters, width)
        self.position = nn.Parameter(sa.zeros((CONTEXT, width), dtype=sa.float32))
        nn.init.normal_(self.character.weight, std=0.02)
        nn.init.normal_(self.position, std=0.02)
        block = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(block, depth, nn.LayerNorm(width))
        self.head = nn.Linear(width, characters)

    def forward(self, codes: sa.Variable) -> sa.Variable:
        """Give the logits, (N, L, characters), of what follows each of the characters, (N, L) with L <= CONTEXT."""
        length = codes.shape[1]
        tokens = self.character(codes) + self.position[:length]
        hidden = sa.asarray(~np.tri(length, dtype=bool))  # True where a place must not look
        return self.head(self.encoder(tokens, mask=hidden, is_causal=True))


def loss_on(model: LanguageModel, codes: np.ndarray, rng: np.random.Generator) -> sa.Variable:
    """Give the cross-entropy, in nats per character, on a batch of windows of `codes`, (length of the text,)."""
    starts = rng.integers(0, len(codes) - CONTEXT, size=(BATCH, 1))
    windows = sa.asarray(codes[starts + np.arange(CONTEXT + 1)])  # (BATCH, CONTEXT + 1)
    logits = model(windows[:, :-1])
    return nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].reshape(-1))


def write(
    model: LanguageModel, codes: list[int], count: int, rng: np.random.Generator
) -> list[int]:
    """Give `count` characters after `codes`, each drawn from the model's probabilities at TEMPERATURE."""
    codes = [*codes]
    with sa.no_grad():
        for _ in range(count):
            logits = model(sa.asarray([codes[-CONTEXT:]]))[0, -1] / TEMPERATURE
            # Adding noise of this distribution makes the largest a draw from softmax(logits).
            noise = sa.asarray(rng.gumbel(size=logits.shape), dtype=logits.dtype)
            codes.append((logits + noise).argmax().item())
    return codes[-count:]


def main() -> None:
    args = parse_arguments()
    folder = args.out / "language-model"
    with explained():
        sa.set_backend(args.backend)
        folder.mkdir(parents=True, exist_ok=True)
    sa.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)

    paths = sorted(ROOT.glob("packages/*/src/**/*.py"))
    # Functions and classes in a random order, so that the last tenth, which is held out, is like the rest.
    parts = "".join(path.read_text("utf-8") for path in paths).split(BETWEEN)
    rng.shuffle(parts)
    text = BETWEEN.join(parts)
    alphabet = sorted(set(text))
    number = {character: code for code, character in enumerate(alphabet)}
    codes = np.asarray([number[character] for character in text])
    train, test = np.split(codes, [len(codes) * 9 // 10])

    model = LanguageModel(len(alphabet))
    optimizer = nn.optim.AdamW(model.parameters(), lr=2e-3)
    schedule = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    print(
        f"{len(train):,} characters to learn from, {len(alphabet)} different ones; "
        f"{nn.count_parameters(model):,} parameters; losses in nats per character"
    )

    losses: list[float] = []
    tests: dict[int, float] = {}
    for step in (bar := tqdm(range(1, args.steps + 1), "write", leave=False, mininterval=0.2)):
        optimizer.zero_grad()
        loss = loss_on(model, train, rng)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        bar.set_postfix_str(f"loss {losses[-1]:.3f}", refresh=False)
        if step % 200 == 0 or step == args.steps:
            with sa.no_grad():
                same = np.random.default_rng(0)  # The same windows every time.
                tests[step] = sum(loss_on(model, test, same).item() for _ in range(20)) / 20
            bar.write(f"step {step:5d}: loss {losses[-1]:.3f}, held-out loss {tests[step]:.3f}")

    start = [number[character] for character in BETWEEN]
    sample = "".join(alphabet[code] for code in write(model, start, args.characters, rng))
    print(sample)
    (folder / "sample.txt").write_text(sample, "utf-8")
    draw_curves(losses, tests, folder / "curves.png")


def draw_curves(losses: list[float], tests: dict[int, float], path: Path) -> None:
    """Draw the losses over the steps."""
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(range(1, len(losses) + 1), losses, lw=0.6, alpha=0.6, label="training")
    axes.plot(list(tests), list(tests.values()), marker=".", label="held out")
    axes.set(xlabel="step", ylabel="nats per character", title="Loss", ylim=(0, None))
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    print(f"curves drawn to {path}")


def parse_arguments() -> argparse.Namespace:
    arguments = parser(__doc__)
    add = arguments.add_argument
    add("--steps", type=at_least(1), default=2500)
    add("--characters", type=at_least(1), default=800, help="how long the sample is")
    return arguments.parse_args()


if __name__ == "__main__":
    run(main)
