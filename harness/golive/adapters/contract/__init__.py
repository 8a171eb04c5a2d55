"""The target's OpenAPI document, and schemathesis, which explores the target by it."""
