"""From facts to text, one view a file. Sentences for people are templates; only this package fills them in."""
