"""What a text is made of: words, stems, numbers, dates, names, sentences, and the language it is in.

Everything here is a pure function of its text. Offsets are half-open and count characters of the text that was given.
"""
