"""How large attached files may be. What checks a file in a process of its own reads these as well, so nothing is imported here."""

MB = 1024**2

LARGEST_FILE = 20 * MB  # bytes
LARGEST_TOTAL = 60 * MB  # bytes of all files of a version
LARGEST_REQUEST = 64 * MB  # bytes; above it a request is turned away unread (413)
MOST_FILES = 10  # of a version
MOST_PAGES = 100  # of a file
UPLOADS_A_DAY = 200  # of a person
LONGEST_NAME = 240  # bytes in UTF-8: a file system takes 255, and a number may follow

# What a file may ask of the machine that opens it.
MOST_PIXELS = 100_000_000  # of one picture
MOST_EXPANDED = 600 * MB  # bytes of all streams when they are expanded
MOST_OBJECTS = 200_000
LARGEST_BOX = 14_400  # points; a page of five metres, the most that the format allows

# What checking may take.
MEMORY = 512 * MB
CPU_SECONDS = 5
SECONDS = 20  # on the clock of the wall, on a machine that is busy with other things

# What drawing the pages of a file for the experts may take, and how large a picture becomes.
DRAWING_MEMORY = 1024 * MB
SECONDS_A_PAGE = 10
SECONDS_A_FILE = 60
WIDEST_PICTURE = 1440  # pixels across
MOST_DRAWN_PIXELS = 4_000_000  # of one page; a long one becomes narrower
LARGEST_PICTURE = 4 * MB  # bytes of one page
LARGEST_DRAWING = 48 * MB  # bytes of all pages
LONGEST_PAGE_TEXT = 12_000  # characters
LONGEST_FILE_TEXT = 300_000
