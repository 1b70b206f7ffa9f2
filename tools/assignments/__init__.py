"""The exercises as graded assignments: building, grading and reporting, on top of nbgrader.

`building` turns an exercise source into a teacher's notebook, `course` keeps the folder that
nbgrader works in, `release` and `mending` and `execution` are the steps that nbgrader lacks,
`marking` grades one submission in a folder of its own, `batch` many of them, two at a time;
`submissions`, `records`, `explaining` and `feedback` are what goes in and what comes out.
"""
