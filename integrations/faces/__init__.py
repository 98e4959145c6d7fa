"""Faces: pictures made safe, faces found, judged, turned into vectors and decided upon. No database, no web.

Pictures of strangers go through `pool.RecognitionPool`; decisions through `decision`; limits are data, `calibration`.
This package is the only one that knows dlib and face_recognition's model files (docs/adr/0003-faces.md).
"""
