"""Tests of `deepi2i_tf` and `data_prep`; folders mirror theirs."""
