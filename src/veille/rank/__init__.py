"""Judgement, all pure: queries, rules, scores, folding."""
