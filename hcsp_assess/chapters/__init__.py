"""What each chapter shows: one module per notebook, from an opened edition to charts, tables and findings."""
