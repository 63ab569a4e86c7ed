"""Who makes the shards: processes of this machine (`local`), or a Ray cluster (`ray`)."""
