"""A question becomes an answer that is somebody's vetted text, or a plain 'not covered'."""
