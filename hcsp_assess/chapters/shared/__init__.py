"""What several chapters show alike: series of partners, one series, offences with a marker."""
