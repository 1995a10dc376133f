"""From the resources of a stack to IAM policies: which documents there are, what they protect, who holds them.

carriers.policies_of(resource)      the policies that a resource carries, each with its places and what it is about
identities.identity_of(resource)    a user, group, role or permission set with all that is attached to it
identities.identities(stack)        all of them
workloads.runs_as(resource)         the roles that a function, task or instance runs as; run_by(role) the other way
relations.relations_of(resource)    what a function or task is connected with, and the actions that this needs
symbols.arn_of(resource)            its ARN as a text with symbols; text_at(stack, value) any text so

All of it is for one scenario. Nothing is read before it is asked for; reading asks the scenario what decides it, so
that rules are split into scenarios as by their own questions.
"""
