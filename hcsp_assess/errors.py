"""The two kinds of failure that a user can do something about."""


class InputError(ValueError):
    """Something in the data or the call is wrong; the message says what, where and what to do."""


class UsageError(InputError):
    """The command or its arguments are wrong: an edition that does not exist, a misspelt parameter."""
