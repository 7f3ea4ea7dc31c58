"""Record types: the registry, their columns and the actions every type has."""
