"""What every ``Embedder`` must do. Subclass it in your tests and say how one is made:

    class TestMyEmbedder(EmbedderContract):
        def make_embedder(self) -> Embedder:
            return MyEmbedder()

It is made once per test; cache it where loading is slow. Each failing assertion says what to mend.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder

TEXTS = (
    "How do I reset my password?",
    "Refunds are paid within thirty days.",
    "The invoice of 3 March 2024 over 1,250.00 EUR was paid twice.",
    "error E4012: connection refused",
    "short",
    "réinitialiser le mot de passe 密码 🔑",
    "A much longer text about working from home. " * 12,
)
"""Of very different lengths, so that sorting by length and forgetting to sort back shows."""

_SAME = 0.999
"""The cosine of one text with itself in another batch: bfloat16 and padding cost the last digits."""


class EmbedderContract:
    """Tests named after what they hold; they need no fixtures."""

    def make_embedder(self) -> "Embedder":
        """An embedder that is ready or loads itself at its first call."""
        raise NotImplementedError

    def test_rows_are_float32_of_the_stated_dimension_and_length_one(self) -> None:
        embedder = self.make_embedder()
        vectors = embedder.embed_documents(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.fingerprint.dimension), (
            "one row per text, as the fingerprint says"
        )
        assert vectors.dtype == np.float32, "vectors are stored as float32: cast before normalising"
        lengths = np.linalg.norm(vectors, axis=1)
        assert np.allclose(lengths, 1.0, atol=1e-5), f"normalise after casting to float32; lengths are {lengths}"

    def test_rows_stand_in_the_order_of_the_texts(self) -> None:
        embedder = self.make_embedder()
        together = embedder.embed_documents(TEXTS)
        backwards = embedder.embed_documents(TEXTS[::-1])[::-1]
        cosines = (together * backwards).sum(axis=1)
        assert cosines.min() >= _SAME, "rows must come in the order given: undo the sorting by length"

    def test_the_same_text_gives_the_same_vector(self) -> None:
        embedder = self.make_embedder()
        once, again, among = (
            embedder.embed_documents([TEXTS[0]])[0],
            embedder.embed_documents([TEXTS[0]])[0],
            embedder.embed_documents([*TEXTS[::-1], TEXTS[0]])[-1],
        )
        assert np.array_equal(once, again), "the same call twice must give the same bits: switch off dropout (eval())"
        assert float(once @ among) >= _SAME, "neighbours in a batch must not change a vector: mask the padding"

    def test_no_texts_give_no_rows(self) -> None:
        embedder = self.make_embedder()
        assert embedder.embed_documents([]).shape == (0, embedder.fingerprint.dimension), "an empty list is no error"

    def test_a_question_is_comparable_with_documents(self) -> None:
        embedder = self.make_embedder()
        documents = embedder.embed_documents(TEXTS)
        for number, text in enumerate(TEXTS):
            query = embedder.embed_query(text)
            assert query.shape == (embedder.fingerprint.dimension,), "embed_query() gives one vector, not a matrix"
            assert abs(float(np.linalg.norm(query)) - 1.0) < 1e-5, "a question's vector has length 1 too"
            cosines = documents @ query
            assert int(np.argmax(cosines)) == number, "a text asked as a question must be nearest to itself"

    def test_different_texts_give_different_vectors(self) -> None:
        cosines = np.array(self.make_embedder().embed_documents(TEXTS[:5]))
        assert (cosines @ cosines.T - np.eye(5)).max() < 0.95, "five subjects in one place: is the pooling right?"

    def test_odd_texts_are_embedded_too(self) -> None:
        embedder = self.make_embedder()
        odd = ["", " ", "\n\t", "\u0000", "a" * 5000, "word " * 3000, "🙂" * 400]
        vectors = embedder.embed_documents(odd)
        assert bool(np.isfinite(vectors).all()), "empty and endless texts must not give NaN: guard the division"
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5), "nor vectors of another length than 1"
