"""What the tokenizer says of a text."""

import naskh


def test_tokens_stand_where_they_say():
    text = "افتتحَ الوزيرُ ٣ مكتباتٍ في المدينة"
    tokens = naskh.Tokenizer().tokens(text)
    assert [token.word for token in tokens] == text.split()
    assert all(text[token.start : token.end] == token.word for token in tokens)
    assert [token.kind for token in tokens] == ["word", "word", "number", "word", "stop", "word"]
    assert tokens[2].stem == "3"
