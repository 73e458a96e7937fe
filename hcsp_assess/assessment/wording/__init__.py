"""Every sentence about a result: a module for each subject; `words` has what they share, `absent` what is missing."""
