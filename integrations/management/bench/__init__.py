"""The measurements behind `bench`: one module per group of rows. Nothing here is a test."""
