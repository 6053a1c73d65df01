"""Looking at what went in and what was learned: contact sheets of training clips, features as colours."""
