"""What can be read out of a text without a model: who is named, who speaks, who the people are."""
