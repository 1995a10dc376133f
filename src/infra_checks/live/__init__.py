"""The only place that talks to AWS; boto3 comes with the extra `live`."""
