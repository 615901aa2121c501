"""The base of every shape: immutable, strict about its fields."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that never changes once made, and accepts no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
