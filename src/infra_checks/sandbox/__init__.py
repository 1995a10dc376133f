"""An AWS account on this machine: moto's service APIs behind one port, with a CloudFormation that makes what it says.

docs/adr/0011 tells why moto's own CloudFormation is not used, docs/sandbox.md what is made and what is only recorded.
"""
