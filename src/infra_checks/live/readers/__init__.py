"""One module for each AWS service, named as the second part of its types (`lambda_`); imported when a type is read."""
