"""Tables and blobs behind the gateway."""
