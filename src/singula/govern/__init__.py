"""The one door to the store: identity, consent, policy, audit."""
