"""How often slaps are segmented rightly, refused, or wrongly; composed of the prints of evaluation sets."""

from infra.extras import tell_plainly

tell_plainly()
