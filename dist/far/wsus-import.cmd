@echo off
rem SPDX-License-Identifier: ISC
rem Takes a transfer of wsusferry into this WSUS server: checks every file by
rem certutil, copies the payload, joins what was cut, imports the packages.
rem
rem     wsus-import.cmd TRANSFER D:\WSUS
rem
rem TRANSFER is the folder of the transfer, or of one medium of it: of several
rem give one after the other, the last one last.  D:\WSUS is the folder in which
rem the server has its WsusContent.  Run it as a local administrator.
rem
rem Use the copy of this script that came with the key, not the one on the
rem stick, and check the signature first: README.txt says how.
setlocal EnableExtensions DisableDelayedExpansion
set "status=0"
set "from=%~1"
set "wsus=%~2"
if "%from%"=="" goto usage
if "%wsus%"=="" goto usage
if not exist "%from%\manifest-sha256.txt" (
    echo wsus-import: %from%: no transfer: there is no manifest-sha256.txt in it
    exit /b 2
)
if not exist "%wsus%\WsusContent\" (
    echo wsus-import: %wsus%: there is no folder WsusContent in it
    exit /b 2
)
if not defined CERTUTIL set "CERTUTIL=certutil"
if not defined ROBOCOPY set "ROBOCOPY=robocopy"
if not defined WSUSUTIL set "WSUSUTIL=%ProgramFiles%\Update Services\Tools\wsusutil.exe"
set "joined=%wsus%\wsusferry-parts"

echo wsus-import: checking %from%
for /f "usebackq tokens=1,*" %%a in ("%from%\tagmanifest-sha256.txt") do call :check %%a "%%b"
if not "%status%"=="0" goto bad
for /f "usebackq tokens=1,*" %%a in ("%from%\manifest-sha256.txt") do call :check %%a "%%b"
if not "%status%"=="0" goto bad

if not exist "%from%\data\WsusContent\" goto parts
echo wsus-import: copying payload to %wsus%\WsusContent
call "%ROBOCOPY%" "%from%\data\WsusContent" "%wsus%\WsusContent" /E /R:2 /W:5 /NP /NFL /NDL
if errorlevel 8 goto notcopied

:parts
if not exist "%from%\data\parts\" goto last
if not exist "%joined%\" mkdir "%joined%"
copy /b /y "%from%\data\parts\*" "%joined%\" >nul
if errorlevel 1 goto notcopied

:last
if exist "%from%\data\wsusexport.cab" goto whole
echo wsus-import: this medium is done; give the next one, the last one last
exit /b 0

rem What media.tsv gives to other media must have come from there.
:whole
for /f "usebackq tokens=1,4 delims=	" %%a in ("%from%\media.tsv") do call :came "%%a" %%b
if not "%status%"=="0" goto bad
for /f "usebackq tokens=1 delims=	" %%a in ("%from%\media.tsv") do call :cut "%%a"
if not "%status%"=="0" goto bad

set "number=1"
set "package=wsusexport.cab"
:next
if not exist "%from%\data\%package%" goto done
echo wsus-import: importing %package%; this may take an hour and more
call "%WSUSUTIL%" import "%from%\data\%package%" "%wsus%\import-%number%.log"
if errorlevel 1 (
    echo wsus-import: wsusutil failed on %package%; see %wsus%\import-%number%.log
    exit /b 1
)
set /a number=number+1
set "package=wsusexport-%number%.cab"
goto next

:done
if exist "%joined%\" rmdir /s /q "%joined%"
echo.
echo wsus-import: done.  What follows on this server:
echo   1. Automatic approval rules off, before anything is approved by hand.
echo   2. Wait until the console shows the new updates.
echo   3. wsusutil reset: the server looks for the content of each update.
echo   4. Approve what data\approve.csv calls carried: yes.
exit /b 0

:notcopied
echo wsus-import: not everything could be copied; nothing is imported
exit /b 4

:usage
echo usage: wsus-import.cmd TRANSFER D:\WSUS
exit /b 2

:bad
echo wsus-import: NOT good, see above; nothing of it was imported
exit /b 1

rem A digest in hex, and the name behind it with the slashes of a manifest.
:check
set "name=%~2"
set "name=%name:/=\%"
if not exist "%from%\%name%" (
    echo wsus-import: %name%: absent
    set "status=1"
    goto :eof
)
for %%f in ("%from%\%name%") do set "size=%%~zf"
rem Of an empty file some versions of certutil print no hash.
if "%size%"=="0" (
    if /i "%~1"=="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" goto :eof
    echo wsus-import: %name%: empty, and it should not be
    set "status=1"
    goto :eof
)
call :hash "%from%\%name%" SHA256
if /i "%got%"=="%~1" goto :eof
if "%got%"=="" (
    echo wsus-import: %name%: certutil printed no hash
) else (
    echo wsus-import: %name%: another SHA-256 than its list says
)
set "status=1"
goto :eof

rem The second line that certutil prints; old versions part the bytes by blanks.
:hash
set "got="
for /f "skip=1 delims=" %%h in ('""%CERTUTIL%" -hashfile "%~1" %2"') do if not defined got set "got=%%h"
if defined got set "got=%got: =%"
if not defined got goto :eof
set "rest=%got%"
for %%d in (0 1 2 3 4 5 6 7 8 9 a b c d e f) do call :strip %%d
if defined rest set "got="
goto :eof

:strip
if not defined rest goto :eof
call set "rest=%%rest:%1=%%"
goto :eof

rem A file of the transfer, with the number of its medium: is it here?
:came
set "name=%~1"
set "name=%name:/=\%"
set "there=%from%\%name%"
if /i "%name:~0,16%"=="data\WsusContent" set "there=%wsus%\%name:~5%"
if /i "%name:~0,10%"=="data\parts" set "there=%joined%\%name:~11%"
if exist "%there%" goto :eof
echo wsus-import: %name%: it is on medium %2; give that one first
set "status=1"
goto :eof

rem A file of the transfer: is it the first part of one?
:cut
set "file=%~1"
if /i not "%file:~0,11%"=="data/parts/" goto :eof
if /i not "%file:~-8%"==".part001" goto :eof
set "file=%file:~11,-8%"

rem SHA1.ext to its place in WsusContent, by "copy /b 1 + 2 + ...": a line holds
rem a hundred.
for %%f in ("%file%") do set "sha1=%%~nf"
set "xx=%sha1:~-2%"
set "to=%wsus%\WsusContent\%xx%\%file%"
if not exist "%wsus%\WsusContent\%xx%\" mkdir "%wsus%\WsusContent\%xx%"
set "list="%file%.part001""
set "part=1002"
pushd "%joined%"
:more
set "nnn=%part:~-3%"
if not exist "%file%.part%nnn%" goto joinnow
if "%nnn%"=="101" goto toomany
set "list=%list%+"%file%.part%nnn%""
set /a part=part+1
goto more
:joinnow
copy /b /y %list% "%to%" >nul
if errorlevel 1 goto notjoined
popd
call :hash "%to%" SHA1
if /i "%got%"=="%sha1%" goto :eof
echo wsus-import: %file%: joined, and its SHA-1 is another
del "%to%"
set "status=1"
goto :eof
:toomany
echo wsus-import: %file%: more than 100 parts: join them by hand with copy /b
:notjoined
echo wsus-import: %file%: its parts could not be joined
popd
set "status=1"
goto :eof
