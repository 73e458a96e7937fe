"""Is a monthly series rising or falling, and how sure can one be: one question, one module."""
