"""What is assessed: areas, crime types, editions, and what is known of changes in recording."""
