"""Several looks at one image, until an eye is found that leaves no doubt."""
