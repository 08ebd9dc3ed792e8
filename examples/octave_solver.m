% Perturbed gradient descent in GNU Octave, for
%   flat-minima verify --solver-command "octave-cli --no-init-file octave_solver.m"
% Install: apt-get install octave, or see octave.org; version 7 or newer, which has jsondecode.
% The lines of JSON are those of docs/protocol.md, one request at a time.
1;

% jsondecode reads some numbers of 17 digits with an error in the last place, str2double does not: numbers come as texts.
function request = decoded (line)
  request = jsondecode (regexprep (line, "(-?\\d[-+.\\deE]*)(?=\\s*[,\\]}])", "\"$1\""));
endfunction

function A = matrix (rows)
  A = cell2mat (cellfun (@(row) str2double (row(:)'), rows(:), "UniformOutput", false));
endfunction

% The descent of a request that starts one.
function at = begun (request)
  at.target = matrix (request.target);
  at.X = matrix (request.X);
  at.Y = matrix (request.Y);
  at.stepSize = str2double (request.stepSize);
  at.noise = request.noise;
  if (! isempty (at.noise))
    at.noise = structfun (@str2double, request.noise, "UniformOutput", false);
  endif
endfunction

function at = advance (at, steps, normals)
  [d1, r] = size (at.X);
  d2 = rows (at.Y);
  noisy = ! isempty (at.noise);
  if (noisy && isempty (normals))
    normals = randn ((d1 + d2) * r, steps);
  endif
  z = reshape (normals, [], steps);
  for step = 1:steps
    P = at.X;
    Q = at.Y;
    if (noisy)
      % The numbers come row by row; reshape goes column by column.
      P += at.noise.sigma1 * reshape (z(1:d1*r, step), r, d1)';
      Q += at.noise.sigma2 * reshape (z(d1*r+1:end, step), r, d2)';
    endif
    R = at.stepSize * (P * Q' - at.target);
    at.X -= R * Q;
    at.Y -= R' * P;
  endfor
endfunction

% jsonencode would write 15 digits, and a matrix of one row or column without its rows.
function text = json (A)
  row = ["[" repmat("%.17g,", 1, columns (A) - 1) "%.17g],"];
  text = ["[" sprintf(row, A')(1:end-1) "]"];
  text = regexprep (text, "-?Inf|NaN", "null");
endfunction

% The next line; empty at the end of the input. (fgetl would wait for the line after it.)
function line = next_line ()
  try
    line = input ("", "s");
  catch
    line = "";
  end_try_catch
endfunction

KEPT = 1001;
descents = cell (1, KEPT);
while (! isempty (line = next_line ()))
  request = decoded (line);
  slot = mod (str2double (request.descent), KEPT) + 1;
  if (isfield (request, "target"))
    descents{slot} = begun (request);
  else
    normals = [];
    if (isfield (request, "normals") && ! isempty (request.normals))
      normals = str2double (request.normals);
    endif
    descents{slot} = advance (descents{slot}, str2double (request.advance), normals);
  endif
  printf ("{\"X\":%s,\"Y\":%s}\n", json (descents{slot}.X), json (descents{slot}.Y));
  fflush (stdout);
endwhile
