"""Make the photos of many people: from a roster or a folder to finished files, sheets and a record of every photo.

A batch is planned in full before any work (`plan`), worked through by an engine (`engines`), and recorded line by line
in a manifest (`manifest`), from which a later run knows what is finished.

::

    run        a batch from its job to its totals
    job        what is asked for, as a file            roster      the people, from CSV or XLSX
    plan       every photo and every name, settled     names       names of files from templates
    record     one photo and document, as recorded     manifest    the records of a batch on disk
    work       what a worker does with one photo       place       where files are read and written
    engines    who does the work                       summary     the records for a spreadsheet
    watch      photos of a folder as they arrive       sheets      print sheets and a contact sheet
    lock       one run at a time in a folder           series      how much photos vary, and who stands out
"""

from __future__ import annotations

from idphoto.batch.job import BatchJob
from idphoto.batch.record import Record
from idphoto.batch.run import BatchResult, run_batch
from idphoto.batch.watch import watch_folder

__all__ = ["BatchJob", "BatchResult", "Record", "run_batch", "watch_folder"]
