"""Published mathematics: pure functions over numbers and tables, each registered with its inputs, ranges and citation."""
