"""Teach a small transformer to write like this repository's documentation, character by character.

    python examples/language_model.py --steps 1500

reads README.md and docs/, prints a sample of what it learned to write, and leaves in runs/language-model/ that sample
and the picture curves.png. It needs simple_autograd with nn, and matplotlib and tqdm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

import simple_autograd as sa
from simple_autograd import nn

ROOT = Path(__file__).parents[1]
CONTEXT = 64  # how many characters the model sees
BATCH = 16


class LanguageModel(nn.Module):
    """Characters and their places as vectors; blocks of attention, each seeing only what is before; logits."""

    def __init__(self, characters: int, width: int = 64, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.character = nn.Embedding(characters, width)
        self.position = nn.Parameter(sa.zeros((CONTEXT, width)))
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


def write(model: LanguageModel, first: int, count: int, rng: np.random.Generator) -> list[int]:
    """Give `count` characters after the first one, each drawn from the model's probabilities."""
    codes = [first]
    with sa.no_grad():
        while len(codes) <= count:
            logits = model(sa.asarray([codes[-CONTEXT:]]))[0, -1]
            # Adding noise of this distribution makes the largest a draw from softmax(logits).
            noise = sa.asarray(rng.gumbel(size=logits.shape), dtype=logits.dtype)
            codes.append((logits + noise).argmax().item())
    return codes[1:]


def main() -> None:
    args = parse_arguments()
    sa.set_backend(args.backend)
    sa.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    run = Path(args.out) / "language-model"
    run.mkdir(parents=True, exist_ok=True)

    paths = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
    text = "".join(path.read_text("utf-8") for path in paths)
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

    sample = "".join(alphabet[code] for code in write(model, number["\n"], args.characters, rng))
    print(sample)
    (run / "sample.txt").write_text(sample, "utf-8")
    draw_curves(losses, tests, run / "curves.png")


def draw_curves(losses: list[float], tests: dict[int, float], path: Path) -> None:
    """Draw the losses over the steps."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(range(1, len(losses) + 1), losses, lw=0.6, alpha=0.6, label="training")
    axes.plot(list(tests), list(tests.values()), marker=".", label="held out")
    axes.set(xlabel="step", ylabel="nats per character", title="Loss", ylim=(0, None))
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    print(f"curves drawn to {path}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--characters", type=int, default=400, help="how long the sample is")
    parser.add_argument(
        "--backend", default="numpy", help="numpy, or another that is installed, such as cupy"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="runs", help="the folder for runs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
