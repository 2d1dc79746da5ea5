"""What can be seen of a sentence and its source without understanding either: values, names and negations.

Each module gives what the sentence says and its quotes do not; rag/citations.py makes a verdict of it.
"""
