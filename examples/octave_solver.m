% Perturbed gradient descent in GNU Octave, for
%   flat-minima verify --solver-command "octave-cli --no-init-file octave_solver.m"
% Install: apt-get install octave, or see octave.org; version 7 or newer, which has jsondecode.
% The lines of JSON are those of docs/protocol.md, one request at a time.
1;

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
  request = jsondecode (line);
  slot = mod (request.descent, KEPT) + 1;
  if (isfield (request, "target"))
    descents{slot} = request;
  elseif (isfield (request, "normals"))
    descents{slot} = advance (descents{slot}, request.advance, request.normals);
  else
    descents{slot} = advance (descents{slot}, request.advance, []);
  endif
  printf ("{\"X\":%s,\"Y\":%s}\n", json (descents{slot}.X), json (descents{slot}.Y));
  fflush (stdout);
endwhile
