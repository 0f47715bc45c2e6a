"""Rounds in which annual figures are collected: who is asked, the workbooks that go out, who has answered."""
