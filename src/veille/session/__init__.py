"""The watch session on a screen: the only room that knows Textual. What it shows and does is `app.session`'s."""
