"""Make files to keep and share from verified quotations: collect and check them once, then write each format.

collect     what was kept or asked, checked against the documents → Collection
files       Collection → the bytes of a file, its name and its type
"""
