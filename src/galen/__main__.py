from galen.commands import main

main()
