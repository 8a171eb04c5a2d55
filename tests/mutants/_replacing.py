"""Puts something in the place of something: of what is there, or it would change nothing."""


def replace(owner: object, name: str, wrong: object) -> None:
    """Replace a function or a property of a module or a class of the service."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name} any more: this mutant breaks nothing")
    setattr(owner, name, wrong)
