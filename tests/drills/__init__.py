"""Long drills, each a command (`make drill-…`) that prints what it saw; a short form of each runs with the tests."""
