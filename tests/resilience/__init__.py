"""What must not go wrong, line by line, on a real installation: the map from the requirement to its test.

| line | test |
|---|---|
| kill -9 of web, worker (in the middle of a job too), bridge and postgres at random during a burst | `test_kills.py` |
| the database down for 30 s | `test_database_down.py` |
| SMTP down | `test_mail_down.py` |
| disk full on the bridge | `test_disk_full.py` |
| a person erased (LGPD) while inside | `test_erased_inside.py` |
| two attendants registering the same CPF at once; double click on issue | `test_at_once.py` |
| 1,000 guesses at validation codes | `test_guesses.py` |
| image bomb, PDF called .jpg, 50 MB picture, no face, nine faces, a declared minor | `test_hostile_pictures.py` |
| the same event twice, out of order, device clock 10 minutes off, forged signature, older than 5 minutes | `test_gate_events.py` |
| midnight, 31 December, a holiday of Belo Horizonte, 19:00:00 and 19:00:01 | `test_gate_hours.py` |
| NUL characters and other input no form sends | `test_hostile_input.py` |
| `carimbo audit verify` fails after any one thing is altered by hand | `test_altered.py` |

`house` (conftest.py) is one installation for the whole folder, started as `carimbo start` starts it: PostgreSQL with
durability on, web server, worker and gate bridge as processes under their supervisor.
"""
