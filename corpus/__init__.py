"""What can be cited: documents, how they are read, their passages and speakers, and the library that holds them."""
