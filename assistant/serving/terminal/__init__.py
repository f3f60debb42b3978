"""The command `coproduce`: what people type, and what they see."""
