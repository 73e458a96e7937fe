"""What is assessed: areas, crime types, editions and known recording changes."""
