"""One module for each AWS service, named as the second part of its types; imported when a type of it is read."""
