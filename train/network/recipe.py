"""The recipe: every number of how a network is trained."""

from dataclasses import dataclass, replace

import keras

from train.network.augment import Augmentation

# Where the learning rate starts, as a share of its peak.
_START = 0.05
_WARM_UP_EPOCHS = 2


@dataclass(frozen=True)
class Recipe:
    """How the shipped network is trained; `train/EXPERIMENTS.md` says why.

    Attributes
    ----------
    epochs, batch_size : int
    pretraining_epochs : int
        Epochs in which a network learns what teachers say of clips without labels, where there are
        such clips; all else is as for the genres.
    least_steps : int
        Fewest batches in an epoch. Of so few clips that they make fewer, an epoch goes through all
        several times: in some dozen steps a network learns little, and batch normalisation does
        not get to know the mean of its inputs.
    learning_rate : float
        Peak of the learning rate: reached in two epochs, then lowered to 0 along a cosine.
    weight_decay : float
        Weight decay of AdamW.
    teacher : float, 0..1
        Share of the best teacher's out-of-fold probabilities in the labels, where the data set has
        embeddings of teachers; the rest is the true genre.
    embedding_loss : float
        Weight of the losses for predicting the teachers' embeddings, which share it evenly; the
        genre's loss has weight 1.
    augmentation : Augmentation
    """

    epochs: int = 40
    pretraining_epochs: int = 40
    batch_size: int = 32
    least_steps: int = 25
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    teacher: float = 0.6
    embedding_loss: float = 1.0
    augmentation: Augmentation = Augmentation()

    def of_epochs(self, epochs: int) -> "Recipe":
        """The same with so many epochs, of pretraining and of the genres."""
        return replace(self, epochs=epochs, pretraining_epochs=epochs)


def optimizer(recipe: Recipe, epochs: int, steps: int) -> keras.optimizers.Optimizer:
    """The optimiser for so many epochs of so many batches each."""
    warm_up = _WARM_UP_EPOCHS * steps
    schedule = keras.optimizers.schedules.CosineDecay(
        _START * recipe.learning_rate,
        max(1, epochs * steps - warm_up),
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(
        # Keras has no annotations: the default, a number, is taken for the type.
        schedule,  # pyright: ignore[reportArgumentType]
        weight_decay=recipe.weight_decay,
        clipnorm=1.0,
    )
