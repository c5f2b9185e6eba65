"""Finds the Arabic news articles that tell the same report, and groups them."""

from naskh._naskh import PROFILE, Token, Tokenizer, __version__

__all__ = ["PROFILE", "Token", "Tokenizer", "__version__"]
